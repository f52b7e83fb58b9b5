"""How a shop is read: its rows become customers and orders, all of them or those that changed."""
