"""The three schema formats as plug-ins: texts in, values and verdicts out. No I/O, no subjects, no levels."""
