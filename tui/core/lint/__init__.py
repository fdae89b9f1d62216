"""Expert findings: what a journal shows to be wrong, or easy to get wrong, with the evidence."""
