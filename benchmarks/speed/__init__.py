"""How fast this library is beside its peers and beside raw stepping."""
