"""Who may come in, and what they may do: sign-in, codes, invitations, sessions, roles.

`guesses` counts wrong passwords, `codes` has the one-time codes, `invitations` the links by which a password is set,
`sessions` who is signed in where. `roles` is the table of roles, and `rights` the one rule that nobody gives, or
takes over, more than they have. `admin` shows all of that to managers, `views` to each person alone.
"""
