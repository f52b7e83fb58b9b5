"""What is done in a shop: tags and fields of customers, segments, discounts, store credit, each with its way back."""
