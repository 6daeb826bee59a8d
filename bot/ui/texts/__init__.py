"""Every sentence members read, by what it answers: short, friendly, exact.

Money and times come in as numbers (micro-dollars, epoch seconds) and are written here.
"""
