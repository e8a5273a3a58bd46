<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\NetworkError;
use Offhook\Errors\UnexpectedAnswer;

/** What carries one request there and its answer back. It follows no redirects and tries nothing twice. */
interface Transport
{
    /**
     * @throws NetworkError no answer came
     * @throws UnexpectedAnswer it is no HTTP, or longer than allowed
     */
    public function send(Request $request): Response;
}
