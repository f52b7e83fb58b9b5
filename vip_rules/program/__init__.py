"""The program language: from a JSON file to a typed program, with every problem of the file at once."""
