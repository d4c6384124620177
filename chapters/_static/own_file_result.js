// Your file in the page: see own_file.js.
