"""What a patient takes home: what a clinician released, in patient words, on at most two sheets of paper."""
