"""The protocol for people of a partner: pages made from the tables, so that they cannot say anything else."""
