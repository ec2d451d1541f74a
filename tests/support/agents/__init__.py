"""For tests of single agents and the recommender's chair."""
