"""Small nights in processes of their own."""
