"""Who works at the desk: moderators and their roles, log-in codes, invitations, pseudonyms."""
