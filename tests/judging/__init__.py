"""Evidence to results: verdicts, catalogue, conformance."""
