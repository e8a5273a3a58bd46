<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;
use Offhook\Errors\UnexpectedAnswer;

/** Over the curl extension; its one handle keeps the connection for the next request. */
final class CurlTransport implements Transport
{
    private const FAULTS = [
        CURLE_COULDNT_RESOLVE_PROXY => NetworkFault::HostNotFound,
        CURLE_COULDNT_RESOLVE_HOST => NetworkFault::HostNotFound,
        CURLE_COULDNT_CONNECT => NetworkFault::Refused,
        CURLE_OPERATION_TIMEDOUT => NetworkFault::TimedOut,
        CURLE_SSL_CONNECT_ERROR => NetworkFault::Tls,
        CURLE_SSL_CERTPROBLEM => NetworkFault::Tls,
        CURLE_SSL_CIPHER => NetworkFault::Tls,
        CURLE_SSL_CACERT => NetworkFault::Tls,
        CURLE_SSL_CACERT_BADFILE => NetworkFault::Tls,
    ];
    private const NO_HTTP = [CURLE_UNSUPPORTED_PROTOCOL, self::WEIRD_SERVER_REPLY];
    private const WEIRD_SERVER_REPLY = 8;

    private readonly \CurlHandle $handle;

    public function __construct()
    {
        $this->handle = curl_init();
    }

    public function send(Request $request): Response
    {
        $lines = [];
        $body = '';
        $isTooLong = false;
        $isHeadWhole = false;
        curl_setopt_array($this->handle, [
            CURLOPT_URL => $request->url,
            CURLOPT_CUSTOMREQUEST => $request->method,
            // An empty `Expect` keeps curl from asking for leave before it sends a longer body.
            CURLOPT_HTTPHEADER => [...$request->headerLines(), 'Expect:'],
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PATH_AS_IS => true,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_TIMEOUT_MS => max(1, (int) ($request->timeoutS * 1000)),
            CURLOPT_HEADERFUNCTION => static function (\CurlHandle $handle, string $line) use (
                &$lines,
                &$isHeadWhole,
            ): int {
                if (trim($line) !== '') {
                    $lines[] = trim($line);
                }
                // An interim answer has a head of its own; a trailer, behind the body, belongs to none.
                $isHeadWhole = trim($line) === '' || $isHeadWhole && !str_starts_with($line, 'HTTP/');
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => static function (\CurlHandle $handle, string $part) use (
                &$body,
                &$isTooLong,
                $request,
            ): int {
                $isTooLong = strlen($body) + strlen($part) > $request->mostBytes;
                $body .= $isTooLong ? '' : $part;
                // Any other count than that of the part ends the transfer.
                return $isTooLong ? 0 : strlen($part);
            },
        ]);
        if ($request->body !== null) {
            curl_setopt($this->handle, CURLOPT_POSTFIELDS, $request->body);
        }
        try {
            if (curl_exec($this->handle) === false) {
                throw $this->error($request, $isTooLong);
            }
            // To curl an answer without a body is whole wherever its headers end.
            if (!$isHeadWhole) {
                throw new NetworkError(NetworkFault::Broken, $request->where(), 'the headers are not whole');
            }
            return Response::of($lines, $body);
        } finally {
            // The functions above, and the body that they hold, are not needed any more; the connection stays.
            curl_reset($this->handle);
        }
    }

    private function error(Request $request, bool $isTooLong): NetworkError|UnexpectedAnswer
    {
        if ($isTooLong) {
            $what = "the answer is longer than $request->mostBytes bytes";
            return new UnexpectedAnswer($request->where(), 0, '', $what);
        }
        $number = curl_errno($this->handle);
        if (in_array($number, self::NO_HTTP, true)) {
            return new UnexpectedAnswer($request->where(), 0, '', 'not in HTTP. Check the port of the base URL');
        }
        return new NetworkError(
            self::FAULTS[$number] ?? NetworkFault::Broken,
            $request->where(),
            curl_error($this->handle) ?: (string) curl_strerror($number),
        );
    }
}
