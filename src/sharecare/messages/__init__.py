"""What people are told, written in the same transaction as what happened and delivered afterwards."""
