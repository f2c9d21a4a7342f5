module example.com/pinboard

go 1.24
