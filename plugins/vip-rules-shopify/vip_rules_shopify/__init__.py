"""vip-rules on Shopify: reads a Shopify store, and carries out in it what a program asks for."""

__version__ = "0.1.0"
