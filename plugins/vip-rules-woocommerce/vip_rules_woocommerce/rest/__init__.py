"""How the REST API of a shop is asked: access, requests, and what an answer says about what was done."""
