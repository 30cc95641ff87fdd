"""Who calls, what he may do, and which rows of the database he may see."""
