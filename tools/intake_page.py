"""Prints docs/reference/fhir-intake.md, made from the bindings and the terminology."""

from ischio.fhir.bindings import load_bindings
from ischio.fhir.page import intake_page
from ischio.loading.pathway import load_pathway, packaged

if __name__ == "__main__":
    print(intake_page(load_pathway().concepts, load_bindings(packaged() / "bindings.yaml")), end="")
