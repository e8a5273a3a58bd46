"""What a doctor concludes from what was measured: values in, findings out.

`checks` lists all questions and their cures, `findings` is what an answer looks like; the other files judge.
"""
