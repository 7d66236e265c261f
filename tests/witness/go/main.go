// A witness on golang.org/x/mod: it parses notes, checks trees and writes signature lines with code that is not ours.
//
//	witness LOGKEY             serves add-checkpoint for that log; prints its key and its port
//	witness WITNESSKEY NOTE    exit status 0 if that witness has cosigned the checkpoint in the file NOTE
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner signs and verifies as https://c2sp.org/tlog-cosignature says.
type cosigner struct {
	name   string
	public ed25519.PublicKey
	secret ed25519.PrivateKey
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(c.name+"\n\x04"), c.public...))
	return binary.BigEndian.Uint32(sum[:])
}

func (c cosigner) Sign(text []byte) ([]byte, error) {
	moment := uint64(time.Now().Unix())
	signature := make([]byte, 8)
	binary.BigEndian.PutUint64(signature, moment)
	return append(signature, ed25519.Sign(c.secret, signed(moment, text))...), nil
}

func (c cosigner) Verify(text, signature []byte) bool {
	return len(signature) == 72 &&
		ed25519.Verify(c.public, signed(binary.BigEndian.Uint64(signature), text), signature[8:])
}

func (c cosigner) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{4}, c.public...)))
}

func signed(moment uint64, text []byte) []byte {
	return []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", moment, text))
}

type witness struct {
	log    note.Verifier
	key    cosigner
	mutex  sync.Mutex
	newest tlog.Tree
}

func (w *witness) add(request []byte) ([]byte, int) {
	head, signed, _ := bytes.Cut(request, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		return nil, 400
	}
	proof := tlog.TreeProof{}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, 400
		}
		proof = append(proof, hash)
	}
	opened, err := note.Open(signed, note.VerifierList(w.log))
	if err != nil {
		return nil, 403
	}
	body := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(body[1], 10, 64)
	root, err2 := tlog.ParseHash(body[2])
	if err != nil || err2 != nil || body[0] != w.log.Name() {
		return nil, 400
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if old != w.newest.N {
		return []byte(fmt.Sprintf("%d\n", w.newest.N)), 409
	}
	if old > 0 && tlog.CheckTree(proof, size, root, old, w.newest.Hash) != nil {
		return nil, 422
	}
	w.newest = tlog.Tree{N: size, Hash: root}
	cosigned, err := note.Sign(&note.Note{Text: opened.Text}, w.key)
	if err != nil {
		return nil, 500
	}
	return cosigned[len(opened.Text)+1:], 200
}

func (w *witness) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	request, err := io.ReadAll(in.Body)
	if err != nil || in.URL.Path != "/add-checkpoint" {
		out.WriteHeader(404)
		return
	}
	answer, status := w.add(request)
	out.WriteHeader(status)
	_, _ = out.Write(answer)
}

func serve(logKey string) error {
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return err
	}
	public, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w := &witness{log: verifier, key: cosigner{"go.example/w1", public, secret}}
	fmt.Println(w.key.vkey(), listener.Addr().(*net.TCPAddr).Port)
	return http.Serve(listener, w)
}

func check(vkey, file string) error {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = note.Open(text, note.VerifierList(cosigner{name: parts[0], public: ed25519.PublicKey(raw[1:])}))
	return err
}

func main() {
	var err error
	if len(os.Args) == 2 {
		err = serve(os.Args[1])
	} else {
		err = check(os.Args[1], os.Args[2])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
