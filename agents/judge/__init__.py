"""The judge of evaluations: takes no part in making repositories, and sees what it judges as data."""
