"""The machine behind the MSC-NK Knowledge Base: checks and generated parts."""
