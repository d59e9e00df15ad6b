"""The pilot town, made through the services that people use."""
