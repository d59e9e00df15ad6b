"""How people come in and come back: sign-up, confirmation, reset, guardians, suspension."""
