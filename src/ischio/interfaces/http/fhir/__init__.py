"""The FHIR R4 endpoint: what is published, and the operations on it."""
