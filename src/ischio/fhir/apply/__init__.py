"""An assessment as FHIR R4: requests, CarePlan, GuidanceResponse, filled-in forms."""
