"""What a Shopify store tells by itself: deliveries checked and read, and the subscriptions that make it tell."""
