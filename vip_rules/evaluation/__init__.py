"""What evaluation is made of: counted orders, windows' days, ranks, and one gathering of all rows for all figures."""
