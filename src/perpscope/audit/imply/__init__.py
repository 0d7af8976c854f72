"""What does a rule imply about published rates, where its inputs are not at hand?"""
