<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;

/**
 * Over PHP's own sockets, where the curl extension is not installed: a connection for each request.
 *
 * PHP's `http://` streams are not used: they take half an answer for a whole one, and know no limit of headers or time.
 */
final class StreamTransport implements Transport
{
    private const CAUSES = [
        '/getaddrinfo/i' => NetworkFault::HostNotFound,
        '/timed out/i' => NetworkFault::TimedOut,
        '/ssl|crypto|certificate|peer/i' => NetworkFault::Tls,
        '/refused|unreachable|no route|unable to connect/i' => NetworkFault::Refused,
    ];

    public function send(Request $request): Response
    {
        $deadline = microtime(true) + $request->timeoutS;
        $stream = $this->connected($request, $deadline);
        try {
            return (new Incoming($request, $stream, $deadline))->answerTo(self::written($request));
        } finally {
            fclose($stream);
        }
    }

    /** Write a request as HTTP/1.1 has it (RFC 9112 section 3); the connection ends with its answer. */
    private static function written(Request $request): string
    {
        $parts = parse_url($request->url);
        $host = $parts['host'] . (isset($parts['port']) ? ":{$parts['port']}" : '');
        $target = ($parts['path'] ?? '/') . (isset($parts['query']) ? "?{$parts['query']}" : '');
        $lines = ["$request->method $target HTTP/1.1", "Host: $host", ...$request->headerLines(), 'Connection: close'];
        if ($request->body !== null) {
            $lines[] = 'Content-Length: ' . strlen($request->body);
        }
        return implode("\r\n", $lines) . "\r\n\r\n$request->body";
    }

    /** @return resource */
    private function connected(Request $request, float $deadline): mixed
    {
        $parts = parse_url($request->url);
        $isSecure = strtolower($parts['scheme']) === 'https';
        $place = $parts['host'] . ':' . ($parts['port'] ?? ($isSecure ? 443 : 80));
        $context = stream_context_create(['ssl' => ['peer_name' => trim($parts['host'], '[]'), 'SNI_enabled' => true]]);
        $warnings = '';
        set_error_handler(static function (int $level, string $message) use (&$warnings): bool {
            $warnings .= "$message; ";
            return true;
        });
        try {
            $scheme = $isSecure ? 'ssl' : 'tcp';
            $stream = stream_socket_client(
                "$scheme://$place",
                $number,
                $reason,
                $request->timeoutS,
                STREAM_CLIENT_CONNECT,
                $context,
            );
        } finally {
            restore_error_handler();
        }
        if ($stream === false) {
            throw $this->error($request, "$warnings$reason", microtime(true) >= $deadline);
        }
        return $stream;
    }

    private function error(Request $request, string $warnings, bool $isLate): NetworkError
    {
        $plain = (string) preg_replace('/stream_socket_client\(\):/i', '', $warnings);
        $cause = trim((string) preg_replace('/\s+/', ' ', $plain), '; ');
        foreach (self::CAUSES as $pattern => $fault) {
            if (preg_match($pattern, $cause) === 1) {
                return new NetworkError($fault, $request->where(), $cause);
            }
        }
        return new NetworkError($isLate ? NetworkFault::TimedOut : NetworkFault::Broken, $request->where(), $cause);
    }
}
