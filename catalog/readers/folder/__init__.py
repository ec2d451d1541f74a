"""Reading a folder of music: sound files and their tags, pictures, lyrics, playlists."""
