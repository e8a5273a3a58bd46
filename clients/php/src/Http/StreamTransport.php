<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;
use Offhook\Errors\UnexpectedAnswer;

/** Over PHP's own streams, where the curl extension is not installed: a connection for each request. */
final class StreamTransport implements Transport
{
    private const PART_BYTES = 65536;
    private const CAUSES = [
        '/getaddrinfo/i' => NetworkFault::HostNotFound,
        '/timed out/i' => NetworkFault::TimedOut,
        '/ssl|crypto|certificate/i' => NetworkFault::Tls,
        '/refused|unreachable|no route|unable to connect/i' => NetworkFault::Refused,
    ];

    public function send(Request $request): Response
    {
        $deadline = microtime(true) + $request->timeoutS;
        $stream = $this->open($request, $deadline);
        try {
            $lines = stream_get_meta_data($stream)['wrapper_data'] ?? [];
            $response = Response::of($lines, $this->body($request, $stream, $deadline));
        } finally {
            fclose($stream);
        }
        if ($response->status === 0) {
            throw new UnexpectedAnswer($request->where(), 0, '', 'not in HTTP. Check the port of the base URL');
        }
        $length = $response->header('content-length');
        if ($length !== '' && strlen($response->body) < (int) $length) {
            throw new NetworkError(NetworkFault::Broken, $request->where(), 'the body is too short');
        }
        return $response;
    }

    /** @return resource */
    private function open(Request $request, float $deadline): mixed
    {
        $context = stream_context_create([
            'http' => [
                'method' => $request->method,
                'header' => [...$request->headerLines(), 'Connection: close'],
                'content' => $request->body ?? '',
                'timeout' => $request->timeoutS,
                'protocol_version' => 1.1,
                'follow_location' => 0,
                'ignore_errors' => true,
            ],
        ]);
        $warnings = '';
        set_error_handler(static function (int $level, string $message) use (&$warnings): bool {
            $warnings .= "$message; ";
            return true;
        });
        try {
            $stream = fopen($request->url, 'rb', false, $context);
        } finally {
            restore_error_handler();
        }
        if ($stream === false) {
            throw $this->error($request, $warnings, microtime(true) >= $deadline);
        }
        return $stream;
    }

    /** @param resource $stream */
    private function body(Request $request, mixed $stream, float $deadline): string
    {
        $body = '';
        while (!feof($stream)) {
            $leftS = $deadline - microtime(true);
            if ($leftS <= 0) {
                throw new NetworkError(NetworkFault::TimedOut, $request->where());
            }
            stream_set_timeout($stream, (int) $leftS, (int) (fmod($leftS, 1) * 1_000_000));
            $part = fread($stream, self::PART_BYTES);
            if ($part === false && !stream_get_meta_data($stream)['timed_out']) {
                throw new NetworkError(NetworkFault::Broken, $request->where());
            }
            // After a time-out the loop finds that no time is left.
            $body .= (string) $part;
            if (strlen($body) > $request->mostBytes) {
                $what = "the answer is longer than $request->mostBytes bytes";
                throw new UnexpectedAnswer($request->where(), 0, '', $what);
            }
        }
        return $body;
    }

    private function error(Request $request, string $warnings, bool $isLate): NetworkError
    {
        $plain = (string) preg_replace('/fopen\([^)]*\):|Failed to open stream:/i', '', $warnings);
        $cause = trim((string) preg_replace('/\s+/', ' ', $plain), '; ');
        foreach (self::CAUSES as $pattern => $fault) {
            if (preg_match($pattern, $cause) === 1) {
                return new NetworkError($fault, $request->where(), $cause);
            }
        }
        return new NetworkError($isLate ? NetworkFault::TimedOut : NetworkFault::Broken, $request->where(), $cause);
    }
}
