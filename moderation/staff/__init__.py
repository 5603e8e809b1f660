"""Who works at the desk: moderators and their roles, passwords, sign-ins, log-in codes,
invitations, pseudonyms."""
