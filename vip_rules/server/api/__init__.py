"""The API: what programs may ask of a shop and do with it, and what a storefront may show a customer of themselves."""
