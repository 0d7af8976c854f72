"""What do profits and yields in print say about the windows and the rates they were made from?"""
