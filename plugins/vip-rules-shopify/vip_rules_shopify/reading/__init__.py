"""Reading a Shopify store: its customers and orders, all of them by bulk operations, and later what has changed."""
