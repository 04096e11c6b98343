"""The web service: CDS Hooks, the FHIR endpoint, the SMART client, the demonstration."""
