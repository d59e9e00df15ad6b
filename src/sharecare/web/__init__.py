"""The page door: server-rendered HTML over the same services as the API."""
