<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;
use Offhook\Errors\UnexpectedAnswer;

/** An answer on its way over a socket (RFC 9112): whole, in time and within its limits, or an error. */
final class Incoming
{
    private const PART_BYTES = 65536;
    private const MOST_HEADER_BYTES = 65536;
    private const MOST_INTERIM_ANSWERS = 10;
    private const LONGEST_CHUNK_LINE_BYTES = 4096;

    private string $read = '';
    private bool $isOver = false;

    /** @param resource $stream */
    public function __construct(
        private readonly Request $request,
        private readonly mixed $stream,
        private readonly float $deadline,
    ) {
    }

    public function answerTo(string $written): Response
    {
        $this->write($written);
        for ($count = 0; $count <= self::MOST_INTERIM_ANSWERS; $count++) {
            $head = Response::of(explode("\r\n", $this->head()), '');
            if ($head->status === 0) {
                throw $this->unexpected('not in HTTP. Check the port of the base URL');
            }
            if ($head->status >= 200 || $head->status === 101) {
                return $head->with($this->body($head));
            }
        }
        throw $this->unexpected('with interim answers and no other. Check the port of the base URL');
    }

    private function write(string $bytes): void
    {
        while ($bytes !== '') {
            $this->wait();
            // What cannot be written says so by its result; the notice would say it again.
            $count = @fwrite($this->stream, $bytes);
            if ($count === false || $count === 0) {
                // The server may have refused before it read all, so that its answer is there to be read.
                return;
            }
            $bytes = substr($bytes, $count);
        }
    }

    /** Return the lines before a body, without the empty one. */
    private function head(): string
    {
        while (!str_contains($this->read, "\r\n\r\n")) {
            if (strlen($this->read) >= 5 && !str_starts_with($this->read, 'HTTP/')) {
                throw $this->unexpected('not in HTTP. Check the port of the base URL');
            }
            if (strlen($this->read) > self::MOST_HEADER_BYTES) {
                throw $this->unexpected('its headers are longer than ' . self::MOST_HEADER_BYTES . ' bytes');
            }
            $this->more();
        }
        [$head, $this->read] = explode("\r\n\r\n", $this->read, 2);
        return $head;
    }

    private function body(Response $head): string
    {
        $length = $head->header('content-length');
        if ($head->status === 204 || $head->status === 304 || $head->status === 101) {
            return '';
        }
        if ($head->header('transfer-encoding') !== '') {
            if (strtolower($head->header('transfer-encoding')) !== 'chunked') {
                throw $this->unexpected('its Transfer-Encoding is not chunked');
            }
            return $this->chunks();
        }
        if ($length === '') {
            while (!$this->isOver) {
                $this->more(mayEnd: true);
                $this->refuseLongerThanAllowed(strlen($this->read));
            }
            return $this->read;
        }
        if (preg_match('/^[0-9]{1,15}\z/', $length) !== 1) {
            throw $this->unexpected('its Content-Length is not a length');
        }
        return $this->taken((int) $length);
    }

    private function chunks(): string
    {
        $body = '';
        do {
            while (($end = strpos($this->read, "\r\n")) === false) {
                if (strlen($this->read) > self::LONGEST_CHUNK_LINE_BYTES) {
                    throw $this->unexpected('the line before a part of its body has no end');
                }
                $this->more();
            }
            $line = substr($this->read, 0, $end);
            $this->read = substr($this->read, $end + 2);
            if (preg_match('/^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?\z/', $line, $match) !== 1) {
                throw $this->unexpected('the length of a part of its body is not a number');
            }
            $length = (int) hexdec($match[1]);
            $this->refuseLongerThanAllowed(strlen($body) + $length);
            $body .= $this->taken($length);
            // What stands behind the last part, its trailer, is of no use to anybody here.
            if ($length > 0 && $this->taken(2) !== "\r\n") {
                throw $this->unexpected('a part of its body is longer than it says');
            }
        } while ($length > 0);
        return $body;
    }

    private function taken(int $length): string
    {
        $this->refuseLongerThanAllowed($length);
        while (strlen($this->read) < $length) {
            $this->more();
        }
        $taken = substr($this->read, 0, $length);
        $this->read = substr($this->read, $length);
        return $taken;
    }

    private function more(bool $mayEnd = false): void
    {
        $this->wait();
        // A connection that was reset says so by its result; the notice would say it again.
        $part = @fread($this->stream, self::PART_BYTES);
        if ($part !== false && $part !== '') {
            $this->read .= $part;
            return;
        }
        if (stream_get_meta_data($this->stream)['timed_out']) {
            throw new NetworkError(NetworkFault::TimedOut, $this->request->where());
        }
        $this->isOver = $part === false || feof($this->stream);
        if ($this->isOver && !$mayEnd) {
            throw new NetworkError(NetworkFault::Broken, $this->request->where());
        }
    }

    /** Have the next reading or writing end when the time of all is over. */
    private function wait(): void
    {
        $leftS = $this->deadline - microtime(true);
        if ($leftS <= 0) {
            throw new NetworkError(NetworkFault::TimedOut, $this->request->where());
        }
        stream_set_timeout($this->stream, (int) $leftS, (int) (fmod($leftS, 1) * 1_000_000));
    }

    private function refuseLongerThanAllowed(int $bytes): void
    {
        if ($bytes > $this->request->mostBytes) {
            throw $this->unexpected("the answer is longer than {$this->request->mostBytes} bytes");
        }
    }

    private function unexpected(string $what): UnexpectedAnswer
    {
        return new UnexpectedAnswer($this->request->where(), 0, '', $what);
    }
}
