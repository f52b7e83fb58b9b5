"""What is done in the shop: customers' fields, coupons of their own, credits, entitlements; and how it is read back."""
