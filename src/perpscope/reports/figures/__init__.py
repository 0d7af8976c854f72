"""Which question does a picture answer? Each figure is one question, one drawing in two widths and one caption."""
