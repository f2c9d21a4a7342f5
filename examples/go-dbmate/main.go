package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("ok " + os.Getenv("BOARD_NAME")))
	})
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
