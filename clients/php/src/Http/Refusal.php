<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\ApiError;
use Offhook\Errors\BadRequest;
use Offhook\Errors\Conflict;
use Offhook\Errors\Forbidden;
use Offhook\Errors\Gone;
use Offhook\Errors\KeyReused;
use Offhook\Errors\NotEnoughCredit;
use Offhook\Errors\NotFound;
use Offhook\Errors\OffhookError;
use Offhook\Errors\Throttled;
use Offhook\Errors\Unauthorized;
use Offhook\Errors\Unavailable;

/** From an answer that is no success to its error. Read `KINDS` first: it is the whole table. */
final class Refusal
{
    /** @var array<int, array{class-string<ApiError>, string}> status: error, and what to do */
    private const KINDS = [
        400 => [BadRequest::class, 'Correct the request.'],
        401 => [Unauthorized::class, 'Check the SID and the auth token.'],
        402 => [NotEnoughCredit::class, 'Top up the account.'],
        403 => [Forbidden::class, 'Ask whoever runs the platform.'],
        404 => [NotFound::class, 'Check the id.'],
        409 => [Conflict::class, 'Choose another one, or wait.'],
        410 => [Gone::class, 'It does not come back.'],
        422 => [KeyReused::class, 'Use a new idempotency key for a new request.'],
        429 => [Throttled::class, 'Ask less often.'],
        503 => [Unavailable::class, 'Try again later, with the same idempotency key.'],
    ];
    private const OTHERS_OF_OURS = [ApiError::class, 'Correct the request.'];
    private const OTHERS = [ApiError::class, 'Try again later, and tell whoever runs the platform if it stays.'];
    private const LONGEST_WAIT_S = 999999999.0;
    private const DATES = ['D, d M Y H:i:s T', 'l, d-M-y H:i:s T', 'D M j H:i:s Y'];

    public static function of(Request $request, Response $response): OffhookError
    {
        $said = json_decode($response->body, true);
        if (!is_array($said) || $response->status < 400) {
            return Answer::unexpected($request, $response, 'an answer of the API');
        }
        $other = $response->status < 500 ? self::OTHERS_OF_OURS : self::OTHERS;
        [$kind, $advice] = self::KINDS[$response->status] ?? $other;
        $foreign = new Foreign($request->credentials);
        $code = $foreign->word($said['code'] ?? null);
        $fields = [];
        $detail = is_string($said['detail'] ?? null) ? $foreign->sentence($said['detail']) : null;
        if ($detail === null) {
            $fields = $response->status === 400 ? self::fields($foreign, $said) : [];
            if ($fields === []) {
                return Answer::unexpected($request, $response, 'an answer of the API');
            }
            $detail = Foreign::cut(self::sentences($fields));
        }
        $help = $foreign->word($said['help'] ?? null);
        $named = $code === null ? (string) $response->status : "$response->status $code";
        $end = preg_match('/[.!?]\s*\z/', $detail) === 1 ? '' : '.';
        $see = $help === null ? '' : " See $help";
        $message = "{$request->where()} was refused ($named): $detail$end $advice$see";
        return new $kind($message, $response->status, $code, $detail, $fields, $help, self::retryAfterS($response));
    }

    /** Read `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3). */
    public static function retryAfterS(Response $response): ?float
    {
        $said = (string) preg_replace('/ +/', ' ', $response->header('retry-after'));
        if (preg_match('/^[0-9]+\z/', $said) === 1) {
            return min(self::LONGEST_WAIT_S, (float) substr($said, 0, 10));
        }
        foreach (self::DATES as $form) {
            $at = \DateTimeImmutable::createFromFormat($form, $said, new \DateTimeZone('UTC'));
            // Without this the 99th of November is a day in February.
            if ($at !== false && (\DateTimeImmutable::getLastErrors()['warning_count'] ?? 0) === 0) {
                return min(self::LONGEST_WAIT_S, max(0.0, $at->getTimestamp() - microtime(true)));
            }
        }
        return null;
    }

    /**
     * Read `{"<field>": ["sentence", ...]}`; nothing if it is not of this form.
     *
     * @param array<array-key, mixed> $said
     * @return array<string, list<string>>
     */
    private static function fields(Foreign $foreign, array $said): array
    {
        $fields = [];
        foreach ($said as $field => $sentences) {
            $sentences = is_string($sentences) ? [$sentences] : $sentences;
            if (!is_array($sentences) || $sentences === [] || array_filter($sentences, is_string(...)) !== $sentences) {
                return [];
            }
            $fields[$foreign->word((string) $field) ?? ''] = array_map($foreign->sentence(...), array_values($sentences));
        }
        return $fields;
    }

    /** @param array<string, list<string>> $fields */
    private static function sentences(array $fields): string
    {
        $said = [];
        foreach ($fields as $field => $sentences) {
            $said[] = "$field: " . implode(' ', $sentences);
        }
        return implode(' ', $said);
    }
}
