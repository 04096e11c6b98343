"""The pathway as FHIR R4 resources that another system can load: plan, activities, forms, codes and CQL libraries."""
