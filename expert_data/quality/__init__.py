"""How good generated transitions are, beside real ones: measures, their levels, and the gate that is made of them."""
