"""What a WooCommerce shop tells by itself: how it is checked, read, and subscribed to."""
