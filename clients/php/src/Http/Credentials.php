<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\WrongArgument;

/**
 * SID and auth token of an API user.
 *
 * The token is kept beside the object and not in it, so that no dump, export or trace of anything shows it.
 */
final class Credentials
{
    private const MASK = '***';
    private const SURELY_SECRET = 8;

    /** @var \WeakMap<self, string>|null */
    private static ?\WeakMap $tokens = null;

    public function __construct(public readonly string $sid, #[\SensitiveParameter] string $token)
    {
        // RFC 7617 section 2: a colon ends the user name, and neither part holds control characters.
        if ($sid === '' || preg_match('/[:\x00-\x1f\x7f]/', $sid) === 1) {
            throw new WrongArgument('The SID is empty, or holds a colon or a control character.');
        }
        if ($token === '' || preg_match('/[\x00-\x1f\x7f]/', $token) === 1) {
            throw new WrongArgument('The auth token is empty or holds a control character, such as the end of a line.');
        }
        self::$tokens ??= new \WeakMap();
        self::$tokens[$this] = $token;
    }

    /** Write the value of the header `Authorization`. */
    public function basic(): string
    {
        return 'Basic ' . base64_encode("$this->sid:{$this->token()}");
    }

    /** Take the token out of a text that somebody else wrote. */
    public function mask(string $text): string
    {
        $token = $this->token();
        $secrets = array_map(
            static fn (string $secret): string => preg_quote($secret, '/'),
            [substr($this->basic(), strlen('Basic ')), $token, rawurlencode($token)],
        );
        $pattern = '(?:' . implode('|', $secrets) . ')';
        // A short token may be a part of words, as of the code `wrong-credentials`, which are left as they are.
        $isShort = strlen($token) < self::SURELY_SECRET;
        $pattern = $isShort ? "/(?<![A-Za-z0-9_-])$pattern(?![A-Za-z0-9_-])/" : "/$pattern/";
        return (string) preg_replace($pattern, self::MASK, $text);
    }

    public function __serialize(): array
    {
        throw new WrongArgument('A client cannot be serialized: its token would be, too. Make a new one instead.');
    }

    private function __clone()
    {
    }

    private function token(): string
    {
        return self::$tokens[$this];
    }
}
