// Verifies what edigw's log signs and proves with golang.org/x/mod/sumdb, which shares no line with it.
//
// Usage: main VKEY FILE... ; each FILE is JSON: {"note", "old_note", "consistency", "records": [{"index", "data", "proof"}]},
// bytes in base64.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type record struct {
	Index int64
	Data  []byte
	Proof [][]byte
}

type file struct {
	Note        string
	OldNote     string `json:"old_note"`
	Consistency [][]byte
	Records     []record
}

func fail(err error) {
	if err != nil {
		fmt.Println("DOES NOT VERIFY:", err)
		os.Exit(1)
	}
}

func hashes(list [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(list))
	for i, item := range list {
		if len(item) != tlog.HashSize {
			fail(fmt.Errorf("a hash of %d bytes", len(item)))
		}
		copy(found[i][:], item)
	}
	return found
}

func open(text string, known note.Verifiers) (int64, tlog.Hash) {
	opened, err := note.Open([]byte(text), known)
	fail(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	fail(err)
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	fail(err)
	return size, hashes([][]byte{raw})[0]
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	fail(err)
	known := note.VerifierList(verifier)
	for _, name := range os.Args[2:] {
		data, err := os.ReadFile(name)
		fail(err)
		var given file
		fail(json.Unmarshal(data, &given))
		size, root := open(given.Note, known)
		for _, one := range given.Records {
			leaf := tlog.RecordHash(one.Data)
			fail(tlog.CheckRecord(hashes(one.Proof), size, root, one.Index, leaf))
		}
		if given.OldNote != "" {
			oldSize, oldRoot := open(given.OldNote, known)
			fail(tlog.CheckTree(hashes(given.Consistency), size, root, oldSize, oldRoot))
		}
		fmt.Println("VERIFIED", len(given.Records), "of", size)
	}
}
