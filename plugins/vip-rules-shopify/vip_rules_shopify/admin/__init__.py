"""Shopify's GraphQL Admin API: documents, and a client that tells what is done, not done, or in doubt."""
