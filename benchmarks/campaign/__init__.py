"""A campaign of attacks on ``caldp process``: many tries of each kind, from a seed, judged by an oracle of its own.

    python -m benchmarks.campaign --tries 40 --seed 1 [--kind kills] [--jobs 2]

Each try is the console script in a directory of its own, with something that goes wrong at a random moment or place.
Afterwards `oracle` reads the output by a way round the program and says whether what is called processed is so.
"""
